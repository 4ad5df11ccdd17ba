(function(){
var box=document.getElementById("filter"),input=box.querySelector("input"),shown=box.querySelector("output");
box.hidden=false;
input.addEventListener("input",function(){
var words=input.value.toLowerCase().split(/\s+/).filter(Boolean),count=0;
document.querySelectorAll(".rows tbody tr").forEach(function(row){
var text=(row.closest("article").dataset.id+" "+row.textContent).toLowerCase();
row.hidden=!words.every(function(word){return text.includes(word)});
if(!row.hidden)count++;
});
document.querySelectorAll("article").forEach(function(article){
article.hidden=words.length>0&&!article.querySelector(".rows tbody tr:not([hidden])");
article.querySelectorAll("details").forEach(function(d){if(words.length>0)d.open=true});
});
shown.textContent=words.length?count+(count===1?" row":" rows"):"";
});
})();
